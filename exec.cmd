@rem Windows has no `exec`, which the start script needs elsewhere so that signals reach the server; npm finds this one.
@%*
