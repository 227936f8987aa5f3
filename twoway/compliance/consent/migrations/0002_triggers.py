"""The ledger chains itself, keeps the current state and the suppressions, and refuses every other change.

Works on PostgreSQL 14 and later: sha256() and convert_to() are built in. `consent.rules` computes the same hashes.
"""

from django.db import migrations

GUARD = r"""
CREATE UNIQUE INDEX one_consent_state ON consent_state
    (workspace_id, address_hash, purpose, coalesce(channel_id, 0));
CREATE UNIQUE INDEX one_suppression ON suppression (workspace_id, address_hash, coalesce(channel_id, 0));

CREATE FUNCTION consent_field(told text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT octet_length(convert_to(coalesce(told, ''), 'UTF8'))::text || ':' || coalesce(told, '') || ','
$$;

CREATE FUNCTION consent_stamp(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

CREATE FUNCTION consent_hash(e consent_entry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(
        consent_field('twoway-consent-1') || consent_field(e.workspace_id::text) || consent_field(e.position::text)
        || consent_field(e.previous_hash) || consent_field(e.address_hash) || consent_field(e.channel_id::text)
        || consent_field(e.purpose) || consent_field(e.change) || consent_field(e.level) || consent_field(e.method)
        || consent_field(e.by_name) || consent_field(consent_stamp(e.at)) || consent_field(consent_stamp(e.expires_at))
        || consent_field(e.proof_hash), 'UTF8')), 'hex')
$$;

CREATE FUNCTION consent_rank(level text) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT (CASE level WHEN 'written' THEN 3 WHEN 'express' THEN 2 WHEN 'implied' THEN 1 ELSE 0 END)::smallint
$$;

CREATE FUNCTION consent_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('consent', NEW.workspace_id));
    SELECT position, hash INTO last FROM consent_entry
    WHERE workspace_id = NEW.workspace_id ORDER BY position DESC LIMIT 1;
    NEW.position := coalesce(last.position, 0) + 1;
    NEW.previous_hash := coalesce(last.hash, repeat('0', 64));
    NEW.proof_hash := encode(sha256(convert_to(NEW.proof::text, 'UTF8')), 'hex');
    NEW.hash := consent_hash(NEW);
    RETURN NEW;
END
$$;
CREATE TRIGGER consent_chained BEFORE INSERT ON consent_entry FOR EACH ROW EXECUTE FUNCTION consent_chain();

CREATE FUNCTION consent_apply(e consent_entry) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO consent_state AS s (workspace_id, identity_id, address_hash, channel_id, purpose, change, level, rank,
                                    at, expires_at, position, refused_at, refused_position)
    VALUES (e.workspace_id, e.identity_id, e.address_hash, e.channel_id, e.purpose, e.change, e.level,
            consent_rank(e.level), e.at, e.expires_at, e.position,
            CASE WHEN e.change IN ('withdrawn', 'denied') THEN e.at END,
            CASE WHEN e.change IN ('withdrawn', 'denied') THEN e.position END)
    ON CONFLICT (workspace_id, address_hash, purpose, coalesce(channel_id, 0)) DO UPDATE
    SET identity_id = excluded.identity_id, change = excluded.change, level = excluded.level, rank = excluded.rank,
        at = excluded.at, expires_at = excluded.expires_at, position = excluded.position,
        refused_at = coalesce(excluded.refused_at, s.refused_at),
        refused_position = coalesce(excluded.refused_position, s.refused_position)
    -- Asking again, or a lower level, takes nothing away from what was given and still holds; unless the person is
    -- another one: what an erased person gave doesn't pass to whoever has the address next.
    WHERE NOT (
        s.identity_id IS NOT DISTINCT FROM excluded.identity_id
        AND s.change IN ('granted', 'confirmed', 'lifted') AND (s.expires_at IS NULL OR s.expires_at > excluded.at)
        AND (excluded.change = 'requested'
             OR (excluded.change IN ('granted', 'confirmed', 'lifted') AND excluded.rank < s.rank)));
    IF e.purpose = 'all' AND e.change = 'withdrawn' THEN
        INSERT INTO suppression AS p (workspace_id, identity_id, address_hash, channel_id, method, basis, since)
        VALUES (e.workspace_id, e.identity_id, e.address_hash, e.channel_id, e.method, 'legal_obligation', e.at)
        ON CONFLICT (workspace_id, address_hash, coalesce(channel_id, 0)) DO UPDATE
        SET identity_id = excluded.identity_id;
    ELSIF e.purpose = 'all' AND e.change = 'lifted' THEN
        DELETE FROM suppression p WHERE p.workspace_id = e.workspace_id AND p.address_hash = e.address_hash
        AND (e.channel_id IS NULL OR p.channel_id = e.channel_id);
    END IF;
END
$$;

CREATE FUNCTION consent_replay(workspace bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    e consent_entry;
    count bigint := 0;
BEGIN
    FOR e IN SELECT * FROM consent_entry WHERE workspace_id = workspace ORDER BY position LOOP
        PERFORM consent_apply(e);
        count := count + 1;
    END LOOP;
    RETURN count;
END
$$;

CREATE FUNCTION consent_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM consent_apply(NEW);
    RETURN NULL;
END
$$;
CREATE TRIGGER consent_followed AFTER INSERT ON consent_entry FOR EACH ROW EXECUTE FUNCTION consent_applied();

CREATE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND to_jsonb(NEW) - '{proof,minimised_at,identity_id}'::text[]
           = to_jsonb(OLD) - '{proof,minimised_at,identity_id}'::text[]
       AND (NEW.identity_id IS NULL OR NEW.identity_id = OLD.identity_id)
       AND (NEW.minimised_at IS NOT DISTINCT FROM OLD.minimised_at OR NEW.minimised_at IS NOT NULL)
       AND (NEW.proof = OLD.proof OR (NEW.minimised_at IS NOT NULL AND OLD.proof @> NEW.proof)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The consent ledger is append-only.' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE ON consent_entry
FOR EACH ROW EXECUTE FUNCTION refuse_consent_change();

-- However an identity goes, what is known of its address stays, and waits for the address to turn up again.
CREATE FUNCTION consent_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE consent_entry SET identity_id = NULL FROM gone WHERE identity_id = gone.id;
    UPDATE consent_state SET identity_id = NULL FROM gone WHERE identity_id = gone.id;
    UPDATE suppression SET identity_id = NULL FROM gone WHERE identity_id = gone.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER consent_forgotten AFTER DELETE ON identity REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION consent_forget();
"""
UNGUARD = """
DROP TRIGGER consent_forgotten ON identity;
DROP FUNCTION consent_forget();
DROP TRIGGER consent_append_only ON consent_entry;
DROP TRIGGER consent_followed ON consent_entry;
DROP TRIGGER consent_chained ON consent_entry;
DROP FUNCTION refuse_consent_change();
DROP FUNCTION consent_applied();
DROP FUNCTION consent_replay(bigint);
DROP FUNCTION consent_apply(consent_entry);
DROP FUNCTION consent_chain();
DROP FUNCTION consent_rank(text);
DROP FUNCTION consent_hash(consent_entry);
DROP FUNCTION consent_stamp(timestamptz);
DROP FUNCTION consent_field(text);
DROP INDEX one_suppression;
DROP INDEX one_consent_state;
"""


class Migration(migrations.Migration):
    dependencies = [("compliance_consent", "0001_ledger")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
