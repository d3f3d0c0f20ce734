"""The web site: pages for people, and the few addresses that look after the process itself."""

import warnings

# Pyramid 2.1 imports pkg_resources, which says at every start that it will go away. The requirements keep a setuptools
# that still has it, and whoever runs an index can do nothing about it.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated as an API", category=UserWarning)
