"""Silences, and the alerts that one keeps from being told."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = sa.String(200)
LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "silences",
        sa.Column("id", LONG, primary_key=True, autoincrement=True),
        sa.Column("rule", NAME, nullable=False),
        sa.Column("sensor", NAME, nullable=False),
        sa.Column("district", NAME, nullable=False),
        sa.Column("department", NAME, nullable=False),
        sa.Column("begins", LONG, nullable=False),
        sa.Column("ends", LONG, nullable=False),
        sa.Column("by", NAME, nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("ended_by", NAME, nullable=False),
        sa.Column("made_wall", LONG, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("silences_by_end", "silences", ["ends"])
    op.add_column("alerts", sa.Column("silence", LONG))
    op.add_column("alerts", sa.Column("silenced_until", LONG))
    op.create_index("alerts_silenced", "alerts", ["silenced_until"])


def downgrade() -> None:
    op.drop_index("alerts_silenced", "alerts")
    op.drop_column("alerts", "silenced_until")
    op.drop_column("alerts", "silence")
    op.drop_table("silences")
