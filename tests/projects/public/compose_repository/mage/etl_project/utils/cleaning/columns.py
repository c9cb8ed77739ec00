def standardise(columns):
    return (
        columns.str.strip()
        .str.lower()
        .str.replace(' ', '_')
    )
