"""What people write down, revision by revision, and the files that they hand in

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def _content() -> list[sa.Column]:
    return [
        sa.Column('school', sa.String(length=64)),
        sa.Column('unit', sa.String(length=64)),
        sa.Column('day', sa.Integer()),
        sa.Column('data', sa.Text(), nullable=False),
        sa.Column('gone', sa.Boolean(), nullable=False),
        sa.Column('person', sa.String(length=64), nullable=False),
        sa.Column('at_ms', sa.BigInteger(), nullable=False),
    ]


def upgrade() -> None:

    op.create_table('record',
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('id', sa.String(length=128), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    *_content(),
    sa.PrimaryKeyConstraint('kind', 'id', name=op.f('pk_record'))
    )
    op.create_index(op.f('ix_record_kind_record_school_record_day'), 'record', ['kind', 'school', 'day'])
    op.create_index(op.f('ix_record_kind_record_day'), 'record', ['kind', 'day'])
    op.create_table('record_revision',
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('id', sa.String(length=128), nullable=False),
    sa.Column('revision', sa.BigInteger(), autoincrement=False, nullable=False),
    *_content(),
    sa.PrimaryKeyConstraint('kind', 'id', 'revision', name=op.f('pk_record_revision'))
    )
    op.create_table('kept_file',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('media', sa.String(length=100), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('person', sa.String(length=64), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_kept_file'))
    )


def downgrade() -> None:

    for table in ('kept_file', 'record_revision', 'record'):
        op.drop_table(table)
