"""Closed figures and the days that late history has touched

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


ROW_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:

    op.create_table('figure_basis',
    sa.Column('id', ROW_ID, nullable=False),
    sa.Column('school', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_figure_basis')),
    sa.UniqueConstraint('school', 'digest', name=op.f('uq_figure_basis_school_digest'))
    )
    op.create_table('closed_day',
    sa.Column('school', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('basis_id', ROW_ID, nullable=False),
    sa.Column('closed_ms', sa.BigInteger(), nullable=False),
    sa.Column('figures', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['basis_id'], ['figure_basis.id'], name=op.f('fk_closed_day_basis_id')),
    sa.PrimaryKeyConstraint('school', 'day', name=op.f('pk_closed_day'))
    )
    op.create_table('amended_day',
    sa.Column('school', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at_ms', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('agents', sa.Text(), nullable=False),
    sa.Column('figures', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('school', 'day', 'at_ms', name=op.f('pk_amended_day'))
    )
    op.create_table('late_day',
    sa.Column('agent', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('touches', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('agent', 'day', name=op.f('pk_late_day'))
    )


def downgrade() -> None:

    for table in ('late_day', 'amended_day', 'closed_day', 'figure_basis'):
        op.drop_table(table)
