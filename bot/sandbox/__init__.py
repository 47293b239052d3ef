"""The jail: a photo goes into a child process of its own, a result or a refusal comes out, and the child is gone.

`pool` hands out children, `zygote_process` is the bot's end of the `zygote` that forks them. `child` does one job
behind the locks of `jail`, and `verdict` hears what it says of it.
"""
