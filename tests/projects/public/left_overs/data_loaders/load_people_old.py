import no_such_package

def broken(:
