"""A network of the run's own: nothing leaves it but to the doors that are named.

``wall/`` is what runs around Mage's process. It is a package of its own that uses the standard
library only, since it is started for each run by a bare interpreter, which is quick.
"""
