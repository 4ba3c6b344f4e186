"""One row per agent for what its cameras are measured at, and what marks a clock

Revision: 0003, after 0002
"""

import json

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
FILLFACTORS = {'boot': 70, 'agent_seen': 50, 'agent_facts': 50, 'spool': 70}


def upgrade() -> None:

    op.create_table('agent_facts',
    sa.Column('agent', sa.String(length=64), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('cameras', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('agent', name=op.f('pk_agent_facts'))
    )
    op.drop_table('camera_facts')  # agents tell theirs anew when they connect
    op.add_column('boot', sa.Column('machine', sa.Text(), nullable=True))
    op.add_column('boot', sa.Column('latest_zero_ms', sa.BigInteger(), nullable=True))
    op.add_column('gap', sa.Column('boot', sa.String(length=36), nullable=True))
    op.add_column('gap', sa.Column('start_ms', sa.BigInteger(), nullable=True))
    op.add_column('gap', sa.Column('end_ms', sa.BigInteger(), nullable=True))
    op.add_column('gap', sa.Column('cameras', sa.Text(), nullable=True))
    op.add_column('spool', sa.Column('waiting', sa.Text(), nullable=False, server_default='[]'))
    _move_waiting_watermarks()
    op.drop_table('watermark')
    if op.get_bind().dialect.name == 'postgresql':
        for parent in ('source', 'boot'):
            op.drop_constraint(f'fk_segment_{parent}_id', 'segment', type_='foreignkey')
        for table, share in FILLFACTORS.items():
            op.execute(f'ALTER TABLE {table} SET (fillfactor = {share})')
    else:
        _make_segments_again(references='')


def _make_segments_again(references) -> None:
    """Copy SQLite's segments into a table with other references: it can't change a table's."""
    op.execute('DROP INDEX ix_segment_closed')
    op.execute('DROP INDEX ix_segment_open')
    op.execute('ALTER TABLE segment RENAME TO old_segment')
    op.execute(f"""
        CREATE TABLE segment (
            source_id INTEGER NOT NULL,
            boot_id INTEGER NOT NULL,
            number BIGINT NOT NULL,
            start_ms BIGINT NOT NULL,
            end_ms BIGINT,
            state VARCHAR(16) NOT NULL,
            cause VARCHAR(64),
            detail TEXT,
            CONSTRAINT pk_segment PRIMARY KEY (source_id, boot_id, number){references}
        ) WITHOUT ROWID""")
    op.execute('INSERT INTO segment SELECT * FROM old_segment')
    op.execute('DROP TABLE old_segment')
    op.execute('CREATE INDEX ix_segment_closed ON segment (source_id, boot_id, end_ms)'
               ' WHERE end_ms IS NOT NULL')
    op.execute('CREATE INDEX ix_segment_open ON segment (source_id, boot_id)'
               ' WHERE end_ms IS NULL')
    # What 0001 tells the planner went with the old table's indexes.
    op.execute("DELETE FROM sqlite_stat1 WHERE tbl = 'segment'")
    for index, figures in (
        ('ix_segment_open', '5000 5 1'),
        ('ix_segment_closed', '4000000 4000 100 1'),
        ('segment', '4000000 4000 100 1'),
    ):
        op.execute(f"INSERT INTO sqlite_stat1 VALUES ('segment', '{index}', '{figures}')")
    op.execute('ANALYZE sqlite_master')


def _move_waiting_watermarks() -> None:
    """Put each pending watermark into its spool's row."""
    bind = op.get_bind()
    waiting = {}
    for agent, uuid, spool, after, until, held in bind.execute(sa.text(
        'SELECT b.agent, b.uuid, w.spool, w.after_seq, w.until_ms, w.held'
        ' FROM watermark w JOIN boot b ON b.id = w.boot_id'
    )):
        waiting.setdefault((agent, spool), []).append([uuid, until, after, held])
    for (agent, spool), marks in waiting.items():
        key = {'agent': agent, 'uuid': spool, 'marks': json.dumps(marks)}
        found = bind.execute(sa.text(
            'UPDATE spool SET waiting = :marks WHERE agent = :agent AND uuid = :uuid'), key)
        if not found.rowcount:
            bind.execute(sa.text(
                'INSERT INTO spool (agent, uuid, through, ranges, waiting)'
                " VALUES (:agent, :uuid, 0, '[]', :marks)"), key)


def downgrade() -> None:

    if op.get_bind().dialect.name == 'postgresql':
        for parent in ('source', 'boot'):
            op.create_foreign_key(
                f'fk_segment_{parent}_id', 'segment', parent, [f'{parent}_id'], ['id'])
    else:
        _make_segments_again(
            ', CONSTRAINT fk_segment_boot_id FOREIGN KEY(boot_id) REFERENCES boot (id)'
            ', CONSTRAINT fk_segment_source_id FOREIGN KEY(source_id) REFERENCES source (id)')
    op.create_table('watermark',
    sa.Column('boot_id', ROW_ID, autoincrement=False, nullable=False),
    sa.Column('spool', sa.String(length=36), nullable=False),
    sa.Column('after_seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('until_ms', sa.BigInteger(), nullable=False),
    sa.Column('held', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['boot_id'], ['boot.id'], name=op.f('fk_watermark_boot_id')),
    sa.PrimaryKeyConstraint('boot_id', 'spool', 'after_seq', name=op.f('pk_watermark'))
    )
    op.drop_column('spool', 'waiting')
    for column in ('cameras', 'end_ms', 'start_ms', 'boot'):
        op.drop_column('gap', column)
    op.drop_column('boot', 'latest_zero_ms')
    op.drop_column('boot', 'machine')
    op.create_table('camera_facts',
    sa.Column('source_id', ROW_ID, autoincrement=False, nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('codec', sa.String(length=64), nullable=True),
    sa.Column('width', sa.BigInteger(), nullable=True),
    sa.Column('height', sa.BigInteger(), nullable=True),
    sa.Column('fps', sa.Float(), nullable=True),
    sa.Column('kbit_s', sa.Float(), nullable=True),
    sa.Column('loss', sa.Float(), nullable=True),
    sa.Column('jitter_ms', sa.Float(), nullable=True),
    sa.Column('unchecked', sa.Text(), nullable=True),
    sa.Column('clock_offset_ms', sa.BigInteger(), nullable=True),
    sa.Column('recording', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_camera_facts_source_id')),
    sa.PrimaryKeyConstraint('source_id', name=op.f('pk_camera_facts'))
    )
    op.drop_table('agent_facts')
