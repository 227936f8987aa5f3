"""The audit trail can be added to and read; changing or deleting is refused by the database itself."""

from django.db import migrations

GUARD = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail is append-only.' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
"""
UNGUARD = "DROP TRIGGER audit_append_only ON audit_entry; DROP FUNCTION refuse_audit_change()"


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
