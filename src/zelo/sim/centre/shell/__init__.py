"""The simulated centre at work: `store` keeps what came, `server` answers on loopback, here or as a child process."""
