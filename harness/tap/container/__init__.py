"""What runs in Mage's container beside Mage: standard library only, Python 3.8."""
