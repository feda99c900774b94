"""Create the tables of credentials and requisitions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all three tables."""
    op.create_table(
        "credentials",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("provider", "kind", name=op.f("uq_credentials_provider_kind")),
    )
    op.create_table(
        "requisitions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("provider_requisition_id", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("institution_id", sa.String(), nullable=False),
        sa.Column("institution_name", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("history_days", sa.Integer(), nullable=False),
        sa.Column("access_days", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requisitions")),
        sa.UniqueConstraint("provider_requisition_id", name=op.f("uq_requisitions_provider_requisition_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_requisitions_reference")),
        sa.CheckConstraint("status in ('created', 'linked', 'failed', 'expired')", name=op.f("ck_requisitions_status")),
        sa.CheckConstraint("status <> 'linked' or linked_at is not null", name=op.f("ck_requisitions_linked_has_time")),
        sa.CheckConstraint("history_days > 0 and access_days > 0", name=op.f("ck_requisitions_days_positive")),
    )
    op.create_table(
        "requisition_accounts",
        sa.Column("requisition_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("requisition_id", "account_id", name=op.f("pk_requisition_accounts")),
        sa.ForeignKeyConstraint(
            ["requisition_id"],
            ["requisitions.id"],
            ondelete="CASCADE",
            name=op.f("fk_requisition_accounts_requisitions"),
        ),
    )


def downgrade() -> None:
    """Drop all three tables, with what they hold."""
    op.drop_table("requisition_accounts")
    op.drop_table("requisitions")
    op.drop_table("credentials")
