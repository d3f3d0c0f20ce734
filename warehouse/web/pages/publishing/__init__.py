"""The upload address as a browser sees it, and the addresses that uploads once had."""
