"""How the job's reads and requests reach the services: called in process, or sent over HTTP."""
