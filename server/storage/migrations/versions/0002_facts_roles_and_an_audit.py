"""More facts of a camera, what a person may do, and what was done

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('person', sa.String(length=64), nullable=False),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('camera', sa.String(length=64), nullable=False),
    sa.Column('detail', sa.Text(), nullable=True),
    sa.Column('outcome', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    op.create_index(op.f('ix_audit_camera_audit_id'), 'audit', ['camera', 'id'])
    op.add_column('user_account', sa.Column('role', sa.String(length=16), nullable=False, server_default='officer'))
    op.add_column('camera_facts', sa.Column('jitter_ms', sa.Float(), nullable=True))
    op.add_column('camera_facts', sa.Column('unchecked', sa.Text(), nullable=True))
    op.add_column('camera_facts', sa.Column('clock_offset_ms', sa.BigInteger(), nullable=True))
    op.add_column('camera_facts', sa.Column('recording', sa.Text(), nullable=True))


def downgrade() -> None:

    for column in ('recording', 'clock_offset_ms', 'unchecked', 'jitter_ms'):
        op.drop_column('camera_facts', column)
    op.drop_column('user_account', 'role')
    op.drop_index(op.f('ix_audit_camera_audit_id'), table_name='audit')
    op.drop_table('audit')
