-- Who the server really is, whatever role its session has taken: a superuser, or somebody who may become the owner.
select rolname::text, rolsuper, rolsuper or pg_has_role(rolname, 'ledger_owner', 'member')
from pg_roles where rolname = session_user
