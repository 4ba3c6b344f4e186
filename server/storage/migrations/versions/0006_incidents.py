"""Incidents with their history, what they were concluded from, and letters to people

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:

    op.add_column('agent_seen', sa.Column('items_ms', sa.BigInteger(), nullable=True))
    door = sa.text("kind IN ('closed', 'forced', 'held_open')")
    op.create_index('ix_gate_event_door', 'gate_event', ['occurred_ms'],
                    sqlite_where=door, postgresql_where=door)
    op.create_table('incident',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('root', sa.String(length=200), nullable=False),
    sa.Column('school', sa.String(length=64)),
    sa.Column('unit', sa.String(length=64)),
    sa.Column('severity', sa.String(length=16), nullable=False),
    sa.Column('phase', sa.String(length=16), nullable=False),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.Column('began_ms', sa.BigInteger(), nullable=False),
    sa.Column('opened_ms', sa.BigInteger(), nullable=False),
    sa.Column('tell_ms', sa.BigInteger()),
    sa.Column('told_ms', sa.BigInteger()),
    sa.Column('ended_ms', sa.BigInteger()),
    sa.Column('closed_ms', sa.BigInteger()),
    sa.Column('retold_began_ms', sa.BigInteger()),
    sa.Column('retold_ended_ms', sa.BigInteger()),
    sa.Column('acknowledged_ms', sa.BigInteger()),
    sa.Column('acknowledged_by', sa.String(length=64)),
    sa.Column('assigned_to', sa.String(length=64)),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('folded', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident'))
    )
    op.create_index(op.f('ix_incident_open_incident_opened_ms'), 'incident', ['open', 'opened_ms'])
    op.create_index(op.f('ix_incident_school_incident_opened_ms'), 'incident', ['school', 'opened_ms'])
    op.create_index(op.f('ix_incident_opened_ms'), 'incident', ['opened_ms'])
    op.create_table('incident_step',
    sa.Column('id', ROW_ID, nullable=False),
    sa.Column('incident_id', sa.String(length=36), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('step', sa.String(length=32), nullable=False),
    sa.Column('person', sa.String(length=64)),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_incident_step_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_step'))
    )
    op.create_index(op.f('ix_incident_step_incident_id'), 'incident_step', ['incident_id'])
    op.create_table('observation',
    sa.Column('id', ROW_ID, nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('aspect', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('signal', sa.String(length=16), nullable=False),
    sa.Column('cause', sa.String(length=64), nullable=False),
    sa.Column('since_ms', sa.BigInteger(), nullable=False),
    sa.Column('detail', sa.Text()),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_observation'))
    )
    op.create_index(op.f('ix_observation_at_ms'), 'observation', ['at_ms'])
    op.create_table('engine_memory',
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_engine_memory'))
    )
    op.create_table('letter',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('incident_id', sa.String(length=36)),
    sa.Column('occasion', sa.String(length=16), nullable=False),
    sa.Column('receiver', sa.String(length=200), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('address', sa.String(length=320), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('next_ms', sa.BigInteger()),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('done_ms', sa.BigInteger()),
    sa.Column('outcome', sa.Text()),
    sa.Column('body', sa.Text()),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_letter_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter'))
    )
    op.create_index(op.f('ix_letter_next_ms'), 'letter', ['next_ms'])
    op.create_index(op.f('ix_letter_incident_id'), 'letter', ['incident_id'])
    op.drop_table('delivery')
    op.create_table('delivery',
    sa.Column('id', ROW_ID, nullable=False),
    sa.Column('letter', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('ok', sa.Boolean(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery'))
    )
    op.create_index(op.f('ix_delivery_letter'), 'delivery', ['letter'])
    op.create_index(op.f('ix_delivery_channel_delivery_at_ms'), 'delivery', ['channel', 'at_ms'])


def downgrade() -> None:

    raise NotImplementedError
