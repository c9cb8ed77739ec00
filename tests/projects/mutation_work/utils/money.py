def total(fare, tip):
    return fare + tip
