"""The sealed tables, the views, and what keeps them as they are. Needs PostgreSQL 15."""

from __future__ import annotations

from alembic import op

revision, down_revision = "0001", None

TABLES = """
CREATE TABLE about (
    name text COLLATE "C" PRIMARY KEY,
    value text COLLATE "C" NOT NULL
);
CREATE TABLE entries (
    idx bigint PRIMARY KEY,
    stream text COLLATE "C" NOT NULL,
    seq integer NOT NULL,
    type text COLLATE "C" NOT NULL,
    leaf bytea NOT NULL,
    digest text COLLATE "C" NOT NULL,
    recorded_at text COLLATE "C" NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    n integer NOT NULL,
    inserted_at text COLLATE "C" NOT NULL,
    UNIQUE (stream, seq),
    UNIQUE (stream, command_id, n)
);
CREATE INDEX entries_by_command ON entries (command_id);
CREATE TABLE streams (
    stream text COLLATE "C" PRIMARY KEY,
    seq integer NOT NULL,
    digest text COLLATE "C" NOT NULL,
    frozen integer
) WITH (fillfactor = 50);
CREATE TABLE snapshots (
    stream text COLLATE "C" PRIMARY KEY,
    seq integer NOT NULL,
    digest text COLLATE "C" NOT NULL,
    state bytea NOT NULL
);
CREATE TABLE texts (
    digest text COLLATE "C" PRIMARY KEY,
    text bytea NOT NULL
);
"""

VIEWS = """
CREATE TABLE portfolio (
    stream text COLLATE "C" PRIMARY KEY,
    cluster_id text COLLATE "C",
    name_fa text COLLATE "C",
    name_en text COLLATE "C",
    province text COLLATE "C",
    county text COLLATE "C",
    product text COLLATE "C",
    stage text COLLATE "C",
    state text COLLATE "C",
    agent text COLLATE "C",
    waits_for_role text COLLATE "C",
    waits_for_person text COLLATE "C",
    waiting_since text COLLATE "C",
    next_due text COLLATE "C",
    overdue_from text COLLATE "C",
    handed_over_on text COLLATE "C",
    licence_until text COLLATE "C",
    rehearsal boolean,
    seq integer,
    detail json
);
CREATE INDEX portfolio_by_province ON portfolio (province, stage);
CREATE INDEX portfolio_by_agent ON portfolio (agent);
CREATE TABLE duties (
    stream text COLLATE "C",
    duty_id text COLLATE "C",
    kind text COLLATE "C",
    ref text COLLATE "C",
    owner_role text COLLATE "C",
    owner_person text COLLATE "C",
    waits_for_role text COLLATE "C",
    waits_for_person text COLLATE "C",
    opened_on text COLLATE "C",
    due_on text COLLATE "C",
    reason text COLLATE "C",
    provisional boolean,
    rungs json,
    next_rung text COLLATE "C",
    next_rung_at text COLLATE "C",
    seq integer,
    PRIMARY KEY (stream, duty_id)
);
CREATE INDEX duties_by_due ON duties (due_on);
CREATE TABLE notices (
    stream text COLLATE "C",
    seq integer,
    n integer,
    recipient_role text COLLATE "C",
    recipient_person text COLLATE "C",
    scope text COLLATE "C",
    rung text COLLATE "C",
    level text COLLATE "C",
    subject text COLLATE "C",
    words_key text COLLATE "C",
    created_at text COLLATE "C",
    PRIMARY KEY (stream, seq, n)
);
CREATE INDEX notices_by_time ON notices (created_at);
CREATE TABLE people (
    person text COLLATE "C",
    role text COLLATE "C",
    scope text COLLATE "C",
    from_on text COLLATE "C",
    until_on text COLLATE "C",
    seq integer,
    PRIMARY KEY (person, role, scope, from_on)
);
CREATE TABLE bodies (
    body text COLLATE "C",
    scope text COLLATE "C",
    member text COLLATE "C",
    from_on text COLLATE "C",
    until_on text COLLATE "C",
    seat text COLLATE "C",
    seq integer,
    PRIMARY KEY (body, scope, member, from_on)
);
CREATE TABLE agents (
    agent text COLLATE "C" PRIMARY KEY,
    capacity integer,
    province text COLLATE "C",
    products json,
    languages json,
    certificate_until text COLLATE "C",
    conflicts json,
    load json,
    seq integer
);
CREATE TABLE assignments (
    effect text COLLATE "C" PRIMARY KEY,
    cluster_id text COLLATE "C",
    agent text COLLATE "C",
    state text COLLATE "C",
    seq integer,
    detail json
);
CREATE INDEX assignments_by_agent ON assignments (agent);
CREATE TABLE refusals (
    seq integer PRIMARY KEY,
    at text COLLATE "C",
    person text COLLATE "C",
    role text COLLATE "C",
    cluster_id text COLLATE "C",
    command_id text COLLATE "C",
    command_type text COLLATE "C",
    code text COLLATE "C",
    detail json
);
CREATE INDEX refusals_by_cluster ON refusals (cluster_id);
"""

# Whoever appends holds the log's one row until the commit, so places are taken in the order of commits: nobody
# ever sees place n + 1 before place n. A function does both, because a writer may update neither.
ORDER = """
CREATE TABLE log (one boolean PRIMARY KEY CHECK (one));
INSERT INTO log VALUES (true);
CREATE FUNCTION hold_log(wanted text) RETURNS SETOF streams
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ BEGIN
        PERFORM FROM log FOR UPDATE;
        RETURN QUERY SELECT * FROM streams WHERE stream = wanted;
    END $$;
CREATE FUNCTION hold_log_at(wanted text, known_seq integer, known_digest text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ BEGIN
        PERFORM FROM log FOR UPDATE;
        PERFORM FROM streams
          WHERE stream = wanted AND seq = known_seq AND digest = known_digest AND frozen IS NULL;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the stream goes on elsewhere' USING ERRCODE = 'KH001';
        END IF;
    END $$;
REVOKE ALL ON FUNCTION hold_log, hold_log_at FROM PUBLIC;
CREATE FUNCTION take_place() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ BEGIN
        PERFORM FROM log FOR UPDATE;
        NEW.idx := (SELECT coalesce(max(idx), 0) + 1 FROM entries);
        RETURN NEW;
    END $$;
CREATE TRIGGER entries_take_place BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION take_place();
ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_take_place;
"""

SEAL = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '% are sealed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER entries_sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON entries EXECUTE FUNCTION refuse_change();
CREATE TRIGGER texts_sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON texts EXECUTE FUNCTION refuse_change();
ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_sealed;
ALTER TABLE texts ENABLE ALWAYS TRIGGER texts_sealed;
ALTER TABLE entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE streams ENABLE ROW LEVEL SECURITY;
ALTER TABLE snapshots ENABLE ROW LEVEL SECURITY;
CREATE POLICY as_granted ON entries USING (true);
CREATE POLICY as_granted ON streams USING (true);
CREATE POLICY as_granted ON snapshots USING (true);
INSERT INTO about VALUES ('schema', '1'), ('rehearsal', 'false');
"""


def upgrade() -> None:
    for step in (TABLES, VIEWS, ORDER, SEAL):
        op.get_bind().exec_driver_sql(step, execution_options={"no_parameters": True})
