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
        for table, share in FILLFACTORS.items():
            op.execute(f'ALTER TABLE {table} SET (fillfactor = {share})')


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
