"""What changes or goes is out of the index in the same transaction, whoever changes it; the worker indexes it anew.

Nothing fires when a text, a person or an address comes in: the worker finds those by their ids.
"""

from django.db import migrations

_ONE = """
CREATE FUNCTION {table}_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH gone AS (DELETE FROM {table} WHERE id = OLD.{key} RETURNING workspace_id, words)
    INSERT INTO search_again (kind, row_id, workspace_id, gone)
    SELECT '{kind}', OLD.{key}, (SELECT workspace_id FROM gone), (SELECT words FROM gone);
    RETURN NULL;
END
$$;
"""


def one(table: str, *, key: str, kind: str, name: str = "") -> str:
    """The function that forgets a row of one kind."""
    made = _ONE.format(table=table, key=key, kind=kind)
    return made.replace(f"{table}_forget", name) if name else made


TEXTS = (
    one("search_text", key="id", kind="text")
    + """
CREATE TRIGGER search_text_changed AFTER UPDATE OF body, conversation_id ON message FOR EACH ROW
WHEN (OLD.body IS DISTINCT FROM NEW.body OR OLD.conversation_id <> NEW.conversation_id)
EXECUTE FUNCTION search_text_forget();
CREATE TRIGGER search_text_gone AFTER DELETE ON message FOR EACH ROW EXECUTE FUNCTION search_text_forget();

CREATE FUNCTION search_file_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_again (kind, row_id)
    SELECT DISTINCT 'text', changed FROM unnest(ARRAY[OLD.message_id, CASE WHEN TG_OP = 'UPDATE' THEN NEW.message_id END])
        AS changed
    WHERE changed IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER search_file_changed AFTER UPDATE OF kind, message_id ON media FOR EACH ROW
WHEN (OLD.kind <> NEW.kind OR OLD.message_id IS DISTINCT FROM NEW.message_id) EXECUTE FUNCTION search_file_changed();
CREATE TRIGGER search_file_gone AFTER DELETE ON media FOR EACH ROW EXECUTE FUNCTION search_file_changed();
"""
)

NOTES = (
    one("search_note", key="id", kind="note")
    + """
CREATE FUNCTION search_note_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_again (kind, row_id) VALUES ('note', NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER search_note_written AFTER INSERT ON note FOR EACH ROW EXECUTE FUNCTION search_note_written();
CREATE TRIGGER search_note_changed AFTER UPDATE OF body, conversation_id ON note FOR EACH ROW
EXECUTE FUNCTION search_note_forget();
CREATE TRIGGER search_note_gone AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION search_note_forget();
"""
)

PEOPLE = (
    one("search_person", key="id", kind="person")
    + one("search_person", key="contact_id", kind="person", name="search_address_changed")
    + """
CREATE TRIGGER search_person_changed AFTER UPDATE OF name, is_anonymous, erased_at ON contact FOR EACH ROW
WHEN (OLD.name <> NEW.name OR OLD.is_anonymous <> NEW.is_anonymous OR OLD.erased_at IS DISTINCT FROM NEW.erased_at)
EXECUTE FUNCTION search_person_forget();
CREATE TRIGGER search_person_gone AFTER DELETE ON contact FOR EACH ROW EXECUTE FUNCTION search_person_forget();

CREATE FUNCTION search_address_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_again (kind, row_id) VALUES ('person', NEW.contact_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER search_address_moved AFTER UPDATE OF contact_id ON identity FOR EACH ROW
WHEN (OLD.contact_id <> NEW.contact_id) EXECUTE FUNCTION search_address_moved();
CREATE TRIGGER search_address_changed AFTER UPDATE OF contact_id, kind, value ON identity FOR EACH ROW
WHEN (OLD.contact_id <> NEW.contact_id OR OLD.kind <> NEW.kind OR OLD.value <> NEW.value)
EXECUTE FUNCTION search_address_changed();
CREATE TRIGGER search_address_gone AFTER DELETE ON identity FOR EACH ROW EXECUTE FUNCTION search_address_changed();
"""
)

EARLIER_NOTES = "INSERT INTO search_again (kind, row_id) SELECT 'note', id FROM note ORDER BY id"

UNDO = """
DROP TRIGGER search_text_changed ON message;
DROP TRIGGER search_text_gone ON message;
DROP TRIGGER search_file_changed ON media;
DROP TRIGGER search_file_gone ON media;
DROP TRIGGER search_note_written ON note;
DROP TRIGGER search_note_changed ON note;
DROP TRIGGER search_note_gone ON note;
DROP TRIGGER search_person_changed ON contact;
DROP TRIGGER search_person_gone ON contact;
DROP TRIGGER search_address_changed ON identity;
DROP TRIGGER search_address_gone ON identity;
DROP FUNCTION search_text_forget();
DROP FUNCTION search_file_changed();
DROP FUNCTION search_note_forget();
DROP FUNCTION search_note_written();
DROP FUNCTION search_person_forget();
DROP FUNCTION search_address_changed();
DROP TRIGGER search_address_moved ON identity;
DROP FUNCTION search_address_moved();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("messaging_search", "0001_tables"),
        ("messaging", "0012_shielded"),
        ("conversations", "0003_pools"),
        ("contacts", "0004_blocks_and_aliases"),
    ]
    operations = [migrations.RunSQL(TEXTS + NOTES + PEOPLE, UNDO), migrations.RunSQL(EARLIER_NOTES, "")]
