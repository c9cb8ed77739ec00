"""REST v2: routes, the shapes of bodies, resources."""
