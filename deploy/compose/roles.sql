-- Run once by the PostgreSQL of docker-compose.yml, in its database: the roles of "Running it for real" in README.md.
-- The passwords are public and good for this machine only.
CREATE ROLE purser_migrator LOGIN PASSWORD 'local-only';
CREATE ROLE purser_app LOGIN PASSWORD 'local-only';
ALTER DATABASE purser OWNER TO purser_migrator;
REVOKE ALL ON DATABASE purser FROM PUBLIC;
GRANT CONNECT ON DATABASE purser TO purser_app;
ALTER SCHEMA public OWNER TO purser_migrator;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO purser_app;
