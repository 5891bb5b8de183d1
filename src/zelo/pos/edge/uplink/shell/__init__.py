"""The way up at work: `post` speaks HTTP, `unreached` says why nobody answers, `sender` takes, settles, sets aside."""
