"""What strangers write who want a script of theirs to run on a page: all that the well-known lists have, by kind."""

from __future__ import annotations

IMAGE = "http://127.0.0.1:9/x.png"

HTML = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//127.0.0.1:9/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1);//<</script>",
    "<script\x20type='text/javascript'>alert(1);</script>",
    "<script/x>alert(1)</script>",
    "<script x>alert(1)</script y>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</style></script><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><?xml-stylesheet href='javascript:alert(1)'?>",
    "<img src=x onerror=alert(1)>",
    "<img src='http://127.0.0.1:9/x.png' onerror='alert(1)' onload=alert(1)>",
    "<img/src=`x`onerror=alert(1)>",
    "<img src=x:alert(alt) onerror=eval(src) alt=alert(1)>",
    '<img """><script>alert(1)</script>">',
    '<img src="x` `<script>alert(1)</script>"` `>',
    "<img srcset='x 1x' sizes=x onerror=alert(1)>",
    '<img src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>\'>',
    "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+'>",
    "<img src='http://127.0.0.1:9/x.png&quot; onerror=&quot;alert(1)'>",
    '<img src="http://127.0.0.1:9/x.png" alt="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">',
    "<picture><source srcset='http://127.0.0.1:9/x.png' onerror=alert(1)><img src='http://127.0.0.1:9/x.png'></picture>",
    "<video src=x onerror=alert(1) poster='javascript:alert(1)'><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<body onload=alert(1)>",
    "<html onmouseover=alert(1)>",
    "<frameset onload=alert(1)></frameset>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='javascript:alert(1)'>",
    "<applet code=alert(1)></applet>",
    "<base href='javascript:alert(1)//'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href='http://127.0.0.1:9/x.css'>",
    "<link rel=import href='data:text/html,<script>alert(1)</script>'>",
    "<style>@import 'http://127.0.0.1:9/x.css'; * { background: url(javascript:alert(1)) }</style>",
    "<style>:root { --ink: red } .top { display: none }</style>",
    "<p style='background:url(javascript:alert(1)); width: expression(alert(1))'>x</p>",
    "<div style='position:fixed;inset:0;z-index:9999'>x</div>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<input autofocus onfocus=alert(1)>",
    "<input type=image src='http://127.0.0.1:9/x.png' onerror=alert(1) formaction='javascript:alert(1)'>",
    "<select autofocus onfocus=alert(1)></select>",
    "<textarea autofocus onfocus=alert(1)></textarea>",
    "<keygen autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<form action='javascript:alert(1)'><input type=submit></form>",
    "<form><button formaction='javascript:alert(1)'>x</button></form>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "<table background='javascript:alert(1)'><tr><td background='javascript:alert(1)'>x</td></tr></table>",
    "<a onmouseover=alert(1) href=x>x</a>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='jav&#10;ascript:alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)'>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
    "<a href='blob:http://127.0.0.1/x'>x</a>",
    "<a href='//127.0.0.1:9/x'>x</a>",
    "<a href='/account/logout/'>x</a>",
    "<a href='https://example.com/' target=_top rel=opener ping='http://127.0.0.1:9/ping'>x</a>",
    "<a href='https://example.com/&quot; onclick=&quot;alert(1)'>x</a>",
    "<math><a xlink:href='javascript:alert(1)'>x</a></math>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>x</mi></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<svg onload=alert(1)></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><script href='data:,alert(1)'/></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text x=20 y=20>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<svg><set attributeName=href to='javascript:alert(1)'></svg>",
    "<svg><foreignObject><img src=x onerror=alert(1)></foreignObject></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg onload=alert(1)></svg>#x'></svg>",
    "<custom-element onclick=alert(1) is=x>x</custom-element>",
    "<template><script>alert(1)</script></template>",
    "<div data-html-include='/_includes/authed/current-user-indicator/' data-copy='x' class='top site-header'>x</div>",
    "<p class='button notice hidden-text flash'>x</p>",
    "<p hidden popover contenteditable draggable=true accesskey=x tabindex=1 role=alert aria-label=x nonce=x>",
]

MUTATING = [
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><mi><table><tr><td><mglyph><style><math><img src onerror=alert(1)></style></mglyph></table></math>",
    '<svg><p><style><g title="</style><img src onerror=alert(1)>">',
    '<xmp><p title="</xmp><img src=x onerror=alert(1)>"></xmp>',
    '<listing>&lt;img onerror="alert(1)" src=x&gt;</listing>',
    '<plaintext-x><p id="</plaintext-x><img src=x onerror=alert(1)>">',
    "<select><noembed></select><script x='a@b'a>alert(1)</script>",
    "<title><p id='</title><img src=x onerror=alert(1)>'>",
    "<iframe><p id='</iframe><img src=x onerror=alert(1)>'></iframe>",
    "<option><style></option></select><b><img src=x onerror=alert(1)></style></option>",
    "<p id='&lt;/p&gt;&lt;img src=x onerror=alert(1)&gt;' title='\"><img src=x onerror=alert(1)>'>x</p>",
    "<a title='`<img src=x onerror=alert(1)>`' href='https://example.com/'>x</a>",
    "<b " + "a" * 2000 + "><img src=x onerror=alert(1)></b>",
    "\u2028<img src=x onerror=alert(1)>\u2029\ufeff\u202e",
]

CLOBBERING = [
    "<a id=body></a><p id=cookie>x</p><p id=forms>x</p><p id=content>x</p><p id=user_id__insecure>x</p>",
    "<img name=cookie src='http://127.0.0.1:9/x.png'><form id=location name=body><input name=action></form>",
    "<p id=__proto__>x</p><p id=constructor>x</p><a id=defaultView href='https://example.com/'>x</a>",
    "<p id='search'>x</p><p id='description'>x</p><p id='user-content-a' >x</p><p id='user-content-a'>x</p>",
]

MARKDOWN = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](<javascript:alert(1)>)",
    '[x]( https://example.com/"onmouseover="alert(1) )',
    '[x][javascript]\n\n[javascript]: javascript:alert(1) "title"',
    "![x](javascript:alert(1))",
    f'![x"onerror="alert(1)]({IMAGE})',
    f'![x]({IMAGE}"onerror="alert(1))',
    f"![x]({IMAGE} '\"onerror=\"alert(1)')",
    "![](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)",
    "<javascript:alert(1)>",
    '<https://example.com/"onclick=alert(1)>',
    'https://example.com/"onclick="alert(1)',
    '```"><script>alert(1)</script>\nx\n```',
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "| <script>alert(1)</script> | [x](javascript:alert(1)) |\n|---|---|\n| <img src=x onerror=alert(1)> | b |",
    "# <img src=x onerror=alert(1)> {#x onclick=alert(1)}",
    "[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
    "<div\n\nonclick=alert(1)>",
]

RST = """
Title <script>alert(1)</script>
===============================

`x <javascript:alert(1)>`_ and `y <data:text/html;base64,PHN2Zz4=>`_ and <img src=x onerror=alert(1)>

.. image:: javascript:alert(1)
   :alt: "><script>alert(1)</script>
   :target: javascript:alert(1)

.. image:: http://127.0.0.1:9/x.png
   :class: button top
   :name: cookie

.. code:: html

   <script>alert(1)</script>

.. class:: site-header

.. note:: <svg onload=alert(1)>

.. _`javascript:alert(1)`: javascript:alert(1)

.. |x| image:: data:image/svg+xml,<svg/onload=alert(1)>

|x| :math:`<script>alert(1)</script>`
"""

TEXTS = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} ${7*7} {% raw %} %(x)s",
    "javascript:alert(1)",
    "\u202e<svg onload=alert(1)>",
]
"""For what is one line: summaries, names of people, keywords, what somebody searches for."""

DESCRIPTION = "\n\n".join([*HTML, *MUTATING, *CLOBBERING, *MARKDOWN])
"""All of it as one page of Markdown."""
