from django.db import migrations

GUARD = """
CREATE FUNCTION optin_version_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of an opt-in form is never changed';
END $$;
CREATE TRIGGER optin_version_never_changes BEFORE UPDATE ON optin_form_version
    FOR EACH STATEMENT EXECUTE FUNCTION optin_version_never_changes();
"""
UNGUARD = """
DROP TRIGGER optin_version_never_changes ON optin_form_version;
DROP FUNCTION optin_version_never_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("compliance_optin", "0001_topics_and_forms")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
