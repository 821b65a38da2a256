"""The sensors that alerts of areas rest on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME = sa.String(200)


def upgrade() -> None:
    op.create_table(
        "members",
        sa.Column("alert", sa.String(64), sa.ForeignKey("alerts.id"), primary_key=True),
        sa.Column("sensor", NAME, primary_key=True),
    )
    op.create_index("members_by_sensor", "members", ["sensor"])


def downgrade() -> None:
    op.drop_table("members")
