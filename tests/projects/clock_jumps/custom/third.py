from clock_jumps.clock_facts import told as facts


@custom
def told(*args, **kwargs):
    return facts("third")
