"""Let requisitions have a purpose, renew one another, and know which of their accounts are the same."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_STATUS = "ck_requisitions_status"


def upgrade() -> None:
    """Add the columns; what is there was made to be read again and again."""
    op.add_column("requisitions", sa.Column("purpose", sa.String(length=16), server_default="ongoing", nullable=False))
    op.alter_column("requisitions", "purpose", server_default=None)
    op.add_column("requisitions", sa.Column("renews_id", sa.Uuid(), nullable=True))
    op.add_column("requisitions", sa.Column("reconfirm_by", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_requisitions_requisitions"),
        "requisitions",
        "requisitions",
        ["renews_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_check_constraint(op.f("ck_requisitions_purpose"), "requisitions", "purpose in ('ongoing', 'history')")
    op.drop_constraint(op.f(_STATUS), "requisitions")
    op.create_check_constraint(
        op.f(_STATUS), "requisitions", "status in ('created', 'linked', 'failed', 'expired', 'replaced', 'ended')"
    )
    op.add_column("requisition_accounts", sa.Column("identity", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop the columns; what was replaced or ended gives no access, as what has expired."""
    op.drop_column("requisition_accounts", "identity")
    op.drop_constraint(op.f(_STATUS), "requisitions")
    op.execute("update requisitions set status = 'expired' where status in ('replaced', 'ended')")
    op.create_check_constraint(op.f(_STATUS), "requisitions", "status in ('created', 'linked', 'failed', 'expired')")
    op.drop_constraint(op.f("ck_requisitions_purpose"), "requisitions")
    op.drop_constraint(op.f("fk_requisitions_requisitions"), "requisitions")
    op.drop_column("requisitions", "reconfirm_by")
    op.drop_column("requisitions", "renews_id")
    op.drop_column("requisitions", "purpose")
