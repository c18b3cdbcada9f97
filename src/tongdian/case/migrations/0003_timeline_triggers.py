"""Let the database itself number, date, chain and protect the timeline.

Every statement here works on PostgreSQL 15 and later without an extension. The encoding that is hashed is that of
`case.timeline.hashing`; golden tests hold the two together.
"""

from django.db import migrations

# PL/pgSQL keeps its plans for the session; an SQL function of this size would be planned anew for every INSERT (2 ms).
ENCODING = """
CREATE FUNCTION case_field(value bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN value IS NULL THEN int4send(-1) ELSE int4send(octet_length(value)) || value END
$$;

CREATE FUNCTION case_event_hash(event case_event) RETURNS bytea LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN sha256(
        convert_to(E'tongdian:event:1\\n', 'UTF8')
        || case_field(uuid_send(event.case_id))
        || case_field(int8send(event.seq))
        || case_field(convert_to(event.kind, 'UTF8'))
        || case_field(int8send(event.actor_id))
        || case_field(convert_to(event.role, 'UTF8'))
        || case_field(int8send(event.organisation_id))
        || case_field(convert_to(event.channel, 'UTF8'))
        || case_field(timestamptz_send(event.occurred_at))
        || case_field(timestamptz_send(event.recorded_at))
        || case_field(int8send(event.clock_offset_s))
        || case_field(convert_to(event.source_system, 'UTF8'))
        || case_field(convert_to(event.source_event_id, 'UTF8'))
        || case_field(timestamptz_send(event.source_recorded_at))
        || case_field(event.evidence)
        || case_field(event.body)
        || case_field(event.prev_hash)
    );
END
$$;

CREATE FUNCTION case_genesis_hash(installation case_installation) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(
        convert_to(E'tongdian:installation:1\\n', 'UTF8')
        || case_field(uuid_send(installation.id))
        || case_field(convert_to(installation.kind, 'UTF8'))
        || case_field(int8send(installation.clock_offset_s))
        || case_field(timestamptz_send(installation.created_at))
    )
$$;
"""

CLOCK = """
CREATE UNIQUE INDEX case_installation_only_one ON case_installation ((true));

CREATE FUNCTION case_clock_offset_s() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(
        (SELECT clock_offset_s FROM case_clockchange ORDER BY id DESC LIMIT 1),
        (SELECT clock_offset_s FROM case_installation)
    );
END
$$;

CREATE FUNCTION case_found_installation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_at := clock_timestamp();
    NEW.genesis_hash := case_genesis_hash(NEW);
    RETURN NEW;
END
$$;
CREATE TRIGGER case_installation_genesis BEFORE INSERT ON case_installation
    FOR EACH ROW EXECUTE FUNCTION case_found_installation();

CREATE FUNCTION case_move_clock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    purpose text;
BEGIN
    SELECT kind INTO STRICT purpose FROM case_installation WHERE id = NEW.installation_id;
    IF purpose = 'production' THEN
        RAISE EXCEPTION 'the clock of a production installation cannot be moved' USING ERRCODE = 'check_violation';
    END IF;
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER case_clockchange_allowed BEFORE INSERT ON case_clockchange
    FOR EACH ROW EXECUTE FUNCTION case_move_clock();
"""

# FOR NO KEY UPDATE: appenders to one case wait for each other, but not for rows that merely refer to the case.
# clock_timestamp() after the lock: now() is the transaction's start, so a later event could look earlier.
# A clock that slews back by a moment repeats the previous instant; one that jumps back is refused.
APPEND = """
CREATE FUNCTION case_append_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    genesis bytea;
    previous record;
BEGIN
    PERFORM 1 FROM case_case WHERE id = NEW.case_id FOR NO KEY UPDATE;
    SELECT genesis_hash INTO genesis FROM case_installation;
    IF genesis IS NULL THEN
        RAISE EXCEPTION 'this database has no installation row yet: found it first (tongdian installation found)';
    END IF;
    SELECT seq, hash, recorded_at INTO previous FROM case_event
        WHERE case_id = NEW.case_id ORDER BY seq DESC LIMIT 1;
    NEW.clock_offset_s := case_clock_offset_s();
    NEW.recorded_at := clock_timestamp() + NEW.clock_offset_s * interval '1 second';
    IF NEW.recorded_at < previous.recorded_at THEN
        IF NEW.recorded_at < previous.recorded_at - interval '5 seconds' THEN
            RAISE EXCEPTION 'case % has an event recorded at %, later than the clock now (%): set the clock right',
                NEW.case_id, previous.recorded_at, NEW.recorded_at USING ERRCODE = 'check_violation';
        END IF;
        NEW.recorded_at := previous.recorded_at;
    END IF;
    NEW.seq := coalesce(previous.seq, 0) + 1;
    NEW.prev_hash := coalesce(previous.hash, genesis);
    NEW.hash := case_event_hash(NEW);
    RETURN NEW;
END
$$;
CREATE TRIGGER case_event_append BEFORE INSERT ON case_event
    FOR EACH ROW EXECUTE FUNCTION case_append_event();

CREATE FUNCTION case_await_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_pending (event_id) SELECT id FROM added;
    RETURN NULL;
END
$$;
CREATE TRIGGER case_event_pending AFTER INSERT ON case_event REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION case_await_seal();

ALTER TABLE case_event
    ADD CONSTRAINT case_event_body_versioned CHECK (octet_length(body) > 1 AND get_byte(body, 0) = 1),
    ADD CONSTRAINT case_event_evidence_whole CHECK (octet_length(evidence) % 32 = 0),
    ADD CONSTRAINT case_event_instants_finite
        CHECK (isfinite(coalesce(occurred_at, recorded_at)) AND isfinite(coalesce(source_recorded_at, recorded_at)));
"""

PROTECTED = (
    "case_installation",
    "case_clockchange",
    "case_event",
    "case_leaf",
    "case_node",
    "case_logkey",
    "case_checkpoint",
    "case_witnessanswer",
)
REFUSE = """
CREATE FUNCTION case_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %: the timeline is append-only; append a correction instead', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
""" + "".join(
    f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION case_refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION case_refuse_change();
"""
    for table in PROTECTED
)

UNDO = (
    "".join(
        f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};"
        for table in PROTECTED
    )
    + """
DROP FUNCTION case_refuse_change();
ALTER TABLE case_event DROP CONSTRAINT case_event_body_versioned, DROP CONSTRAINT case_event_evidence_whole,
    DROP CONSTRAINT case_event_instants_finite;
DROP TRIGGER case_event_pending ON case_event;
DROP FUNCTION case_await_seal();
DROP TRIGGER case_event_append ON case_event;
DROP FUNCTION case_append_event();
DROP TRIGGER case_clockchange_allowed ON case_clockchange;
DROP FUNCTION case_move_clock();
DROP TRIGGER case_installation_genesis ON case_installation;
DROP FUNCTION case_found_installation();
DROP FUNCTION case_clock_offset_s();
DROP INDEX case_installation_only_one;
DROP FUNCTION case_genesis_hash(case_installation);
DROP FUNCTION case_event_hash(case_event);
DROP FUNCTION case_field(bytea);
"""
)


class Migration(migrations.Migration):
    dependencies = [("case", "0002_timeline")]

    operations = [migrations.RunSQL(ENCODING + CLOCK + APPEND + REFUSE, UNDO)]
