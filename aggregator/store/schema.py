"""The tables, by version: `PRAGMA user_version` says how many of these steps a file has behind it.

A step that was released is never changed: a new one goes behind it. Times are seconds of the epoch; `results`, `facts`,
`incident` and `finding` are JSON, which sqlite3's own json functions read.

`said`: every report that differs from the one before; `whole` ones as they are, the others as differences to the row
before (`aggregator.incidents.journal`), all packed by zlib. What a row says was said from `at` to `until`.

One row holds all results of a node: written whole, it costs a quarter of a row per result, measured with 30 of them.
"""

STEPS = (
    (
        """
        CREATE TABLE node (
            name TEXT PRIMARY KEY,
            boot TEXT NOT NULL,
            seq INTEGER NOT NULL,
            last_seen REAL NOT NULL,
            interval_s REAL,
            facts TEXT NOT NULL,
            whole INTEGER NOT NULL
        )
        """,
        "CREATE TABLE state (name TEXT PRIMARY KEY, results TEXT NOT NULL)",
        """
        CREATE TABLE change (
            node TEXT NOT NULL,
            boot TEXT NOT NULL,
            seq INTEGER NOT NULL,
            position INTEGER NOT NULL,
            at REAL NOT NULL,
            "check" TEXT NOT NULL,
            target TEXT NOT NULL,
            status TEXT NOT NULL,
            cause TEXT,
            detail TEXT NOT NULL,
            PRIMARY KEY (node, boot, seq, position)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX change_at ON change (at)",
        """
        CREATE TABLE incident (
            id TEXT PRIMARY KEY,
            cause TEXT NOT NULL,
            kind TEXT NOT NULL,
            value TEXT,
            opened REAL NOT NULL,
            last_seen REAL NOT NULL,
            cleared REAL,
            incident TEXT NOT NULL,
            finding TEXT
        )
        """,
        "CREATE INDEX incident_open ON incident (cleared)",
    ),
    (
        # The pull budget (`budget_writes.py`); its times are those of its own clock: the row `budget` of `clock`.
        """
        CREATE TABLE lease (
            id TEXT PRIMARY KEY,
            registry TEXT NOT NULL,
            identity TEXT NOT NULL,
            node TEXT NOT NULL,
            pulls INTEGER NOT NULL,
            since REAL NOT NULL,
            granted REAL NOT NULL,
            until REAL NOT NULL,
            ended REAL,
            window_s REAL NOT NULL
        )
        """,
        """
        CREATE TABLE turn (
            node TEXT NOT NULL,
            registry TEXT NOT NULL,
            identity TEXT NOT NULL,
            pulls INTEGER NOT NULL,
            since REAL,
            served INTEGER NOT NULL,
            PRIMARY KEY (node, registry)
        ) WITHOUT ROWID
        """,
        "CREATE TABLE clock (name TEXT PRIMARY KEY, at REAL NOT NULL)",
    ),
    (
        """
        CREATE TABLE said (
            number INTEGER PRIMARY KEY,
            at REAL NOT NULL,
            until REAL NOT NULL,
            whole INTEGER NOT NULL,
            body BLOB NOT NULL
        )
        """,
        "CREATE INDEX said_at ON said (at)",
        "ALTER TABLE incident ADD COLUMN record TEXT",
    ),
)
