"""Whether the process is well, for load balancers, supervisors and Prometheus."""
