"""The jail: a photo goes into a child process of its own, a result or a refusal comes out, and the child is gone.

`pool` hands out children, `zygote` forks them, `child` does one job behind the locks of `jail`.
"""
