"""Mail to people: letters that events ask for, their texts, and sending them.

A text is a file ``<kind>.txt``, a Jinja template: a comment that says when it is written and which names it takes, the
line ``Subject: ...``, and the little markup of :mod:`warehouse.events.mail.markup`. Every text knows ``site``,
``site_url``, ``username`` (empty for somebody without an account), ``to`` (the address it goes to), ``when``, ``place``
and ``device`` (None where the reader may not know), ``support`` (None where there is none) and ``lifetime`` (how long
its link is good).
"""

from warehouse.events.mail.hearing import hear
from warehouse.events.mail.letter import Letter
from warehouse.events.mail.sending import mailer, post, send_mail
from warehouse.events.mail.writing import write

__all__ = ["Letter", "hear", "mailer", "post", "send_mail", "write"]
