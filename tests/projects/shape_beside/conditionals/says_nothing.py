def evaluate(*args, **kwargs) -> bool:
    return False
