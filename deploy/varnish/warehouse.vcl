# Varnish in front of Warehouse. For Varnish 6.0 LTS and newer with the xkey module (package varnish-modules).
#
# Adapt the two blocks "where the index is" and "who may purge"; docs/cdn.md tells the rest. Set for the index:
#
#   WAREHOUSE_CDN__BACKEND=varnish
#   WAREHOUSE_CDN__VARNISH=http://this-machine:6081
#   WAREHOUSE_PAGES__CDN_MAX_AGE="1 day"           (the public profile has it)

vcl 4.1;

import std;
import xkey;

# --- Where the index is ------------------------------------------------------------------------------------------

backend default {
    .host = "127.0.0.1";
    .port = "8080";
    # Longer than the longest poll of the change feed (60 s), and than checking a big upload may take.
    .first_byte_timeout = 300s;
    .between_bytes_timeout = 60s;
    .connect_timeout = 2s;
    .probe = {
        .url = "/_health/";
        .interval = 2s;
        .timeout = 2s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

# --- Who may purge: the machines that run `warehouse worker` or `warehouse serve` -----------------------------------

acl purgers {
    "127.0.0.1";
    "::1";
}

# -------------------------------------------------------------------------------------------------------------------

sub vcl_recv {
    if (req.method == "PURGE") {
        # Behind a proxy on this machine everybody would seem to come from here. Varnish has added the connection's own
        # address to X-Forwarded-For: where there are two, somebody else stands behind it.
        if (client.ip !~ purgers || req.http.X-Forwarded-For ~ ",") {
            return (synth(403, "Not from here"));
        }
        if (req.http.Surrogate-Key) {
            # Softly: the page may still be shown while the new one is fetched, and while the index is away.
            set req.http.Warehouse-Purged = xkey.softpurge(req.http.Surrogate-Key);
        } else if (req.http.Warehouse-Purge-All) {
            ban("obj.status != 0");
            set req.http.Warehouse-Purged = "all";
        } else {
            return (synth(400, "Say which keys in Surrogate-Key"));
        }
        return (synth(200, "Purged"));
    }

    # The index believes what a proxy says of how it was asked, and would write a page for that which others are shown.
    # Whatever ends TLS in front passes Host on as it is.
    unset req.http.X-Forwarded-Host;
    # What the rest of this file leaves for itself in the request, nobody may send.
    unset req.http.Warehouse-Purged;
    unset req.http.X-Warehouse-Kept;
    unset req.http.X-Warehouse-Unusual;
    if (req.restarts == 0) {
        unset req.http.X-Warehouse-Old;
    }

    # Uploads and forms go straight through, in pieces as they come.
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # Whoever says who they are gets an answer of their own. Installers send no credentials where none are asked for;
    # on an index that only token holders may read nothing is kept here at all.
    if (req.http.Authorization) {
        return (pass);
    }
    # The change feed: whoever waits for news must not make others wait for the same answer.
    if (req.url ~ "^/api/journal/" && req.url ~ "[?&]wait=") {
        return (pass);
    }
    # Parts of files: the file as a whole would have to be fetched to cut them out.
    if (req.http.Range && req.url ~ "^/packages/") {
        return (pass);
    }

    if (req.url ~ "^/(simple|packages|rss|stats|integrity|api)/" || req.url ~ "^/pypi/[^?]*/json/?(\?|$)"
        || req.url ~ "^/[^/?]*(\.xml|\.txt)(\?|$)") {
        # These are the same for everybody. (A page for people that differs from one to the other says so itself.)
        unset req.http.Cookie;
    }
    # One page, however it is asked for.
    if (req.url ~ "^/packages/" || req.url ~ "^/pypi/[^?]*/json/?\?" || (req.url ~ "^/simple/" && req.url !~ "[?&]format=")) {
        set req.url = regsub(req.url, "\?.*$", "");
    }
    if (req.url ~ "^/simple/") {
        call one_of_three;
        if (req.http.X-Warehouse-Unusual) {
            unset req.http.X-Warehouse-Unusual;
            return (pass);
        }
    }
    if (req.url ~ "^/((project|user|search|classifiers|help|security|sitemap|stats)/|$|\?)" && req.http.Cookie !~ "flashes=") {
        # Pages for people that are the same for everybody, in each language; what is to be said to one of them only
        # comes from the index. Who is signed in is asked by a script (`/_includes/`), which goes straight through.
        call one_language;
        unset req.http.Cookie;
    }
    if (req.url ~ "^/stats/") {
        # Two representations: HTML for whoever takes it, else JSON.
        if (req.http.Accept ~ "(text/html|text/\*|\*/\*)") {
            set req.http.Accept = "text/html";
        } else {
            set req.http.Accept = "application/json";
        }
    }
    set req.http.X-Warehouse-Kept = "maybe";
}

# The language that somebody chose here, else the one that their browser puts first: of all that browsers write there,
# dozens of versions of each page would be kept.
sub one_language {
    if (req.http.Cookie ~ "(^|; ?)_LOCALE_=[A-Za-z0-9-]+") {
        set req.http.Accept-Language = regsub(req.http.Cookie, "^(.*; ?)?_LOCALE_=([A-Za-z0-9-]+).*$", "\2");
    } else if (req.http.Accept-Language ~ "^\s*[A-Za-z]") {
        set req.http.Accept-Language = std.tolower(regsub(req.http.Accept-Language, "^\s*([A-Za-z-]+).*$", "\1"));
    } else {
        unset req.http.Accept-Language;
    }
}

# The simple API has three representations, and every version of every client writes Accept in its own way. Kept by what
# was written, a page would be fetched and kept dozens of times. So what is clear becomes one of three words, and what
# is not goes to the index, which reads it with care.
sub one_of_three {
    if (!req.http.Accept || req.http.Accept !~ "application/(vnd\.pypi\.simple|\*)") {
        # Browsers, curl, and pip before 22.2: whoever names no type of the simple API gets HTML.
        set req.http.Accept = "text/html";
    } else if (req.http.Accept ~ "^application/vnd\.pypi\.simple\.v1\+json(\s*;\s*q=1(\.0*)?)?(\s*,[^,;]+;\s*q=0(\.\d*)?\s*)*$") {
        # pip, uv, poetry, pdm: JSON first, everything else less.
        set req.http.Accept = "application/vnd.pypi.simple.v1+json";
    } else if (req.http.Accept ~ "^application/vnd\.pypi\.simple\.v1\+html(\s*;\s*q=1(\.0*)?)?(\s*,[^,;]+;\s*q=0(\.\d*)?\s*)*$") {
        set req.http.Accept = "application/vnd.pypi.simple.v1+html";
    } else {
        set req.http.X-Warehouse-Unusual = "yes";
    }
}

sub vcl_hash {
    # Without site.url feeds and sitemaps hold the scheme that they were asked for with. Host and address are added to
    # this by Varnish itself.
    if (req.http.X-Forwarded-Proto ~ "(?i)(^|,)\s*https\s*$") {
        hash_data("https");
    }
}

sub vcl_hit {
    # The page is old. While the index is well it may be shown for a moment longer only (stale-while-revalidate), and a
    # new one is fetched behind the scenes; while the index is away for as long as it is kept (stale-if-error).
    if (obj.ttl < 0s && !req.http.X-Warehouse-Old && std.healthy(req.backend_hint)
        && obj.ttl + std.duration(obj.http.X-Warehouse-Stale, 0s) < 0s) {
        set req.grace = 0s;
        return (restart);
    }
}

sub vcl_miss {
    if (req.http.X-Warehouse-Old) {
        # There is nothing old to show either, and the index has just failed: do not ask it again.
        return (synth(503, "The index does not answer"));
    }
}

sub vcl_backend_fetch {
    unset bereq.http.X-Warehouse-Kept;
    unset bereq.http.X-Warehouse-Old;
}

sub vcl_backend_response {
    # Kept here is only what says for how long: in Surrogate-Control, which is for us, else in Cache-Control. Redirects
    # and refusals say nothing, and a default of two minutes would keep those, too.
    if (beresp.http.Surrogate-Control ~ "(^|[ ,])max-age=\d+") {
        set beresp.ttl = std.duration(regsub(beresp.http.Surrogate-Control, "^(.*[ ,])?max-age=(\d+).*$", "\2") + "s", 0s);
        set beresp.http.X-Warehouse-Stale = "0s";
        set beresp.grace = 0s;
        if (beresp.http.Surrogate-Control ~ "stale-if-error=\d+") {
            set beresp.grace = std.duration(regsub(beresp.http.Surrogate-Control, "^.*stale-if-error=(\d+).*$", "\1") + "s", 0s);
        }
        if (beresp.http.Surrogate-Control ~ "stale-while-revalidate=\d+") {
            set beresp.http.X-Warehouse-Stale = regsub(beresp.http.Surrogate-Control, "^.*stale-while-revalidate=(\d+).*$", "\1") + "s";
            if (beresp.grace < std.duration(beresp.http.X-Warehouse-Stale, 0s)) {
                set beresp.grace = std.duration(beresp.http.X-Warehouse-Stale, 0s);
            }
        }
    } else if (beresp.http.Cache-Control ~ "max-age=[1-9]" && beresp.http.Cache-Control !~ "(private|no-store|no-cache)") {
        set beresp.http.X-Warehouse-Stale = "0s";
        set beresp.grace = 0s;
        if (bereq.url ~ "^/packages/") {
            # A file that was purged may have been removed: it is asked for again before anybody gets it, unless the
            # index is away.
            set beresp.grace = 1d;
        }
    } else {
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        set beresp.uncacheable = true;
    }
    if (beresp.http.Set-Cookie || beresp.http.Vary ~ "(?i)(\*|cookie|authorization)") {
        # Meant for one reader only.
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        set beresp.uncacheable = true;
    }
    # To ask with If-None-Match once it is too old even for that: most pages have not changed.
    set beresp.keep = 1d;

    if (beresp.status >= 500) {
        if (!bereq.uncacheable) {
            # The old page stays, and vcl_synth shows it. What is delivered takes its place, even for no time at all.
            return (abandon);
        }
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        set beresp.keep = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    if (beresp.uncacheable && bereq.url !~ "^/packages/") {
        # Remembered for a moment, or all who ask for this page would have to wait for one another.
        set beresp.ttl = 30s;
        set beresp.keep = 0s;
    }
    # Big files would push out thousands of pages.
    if (bereq.url ~ "^/packages/" && std.integer(beresp.http.Content-Length, 0) > 16777216) {
        set beresp.uncacheable = true;
        set beresp.ttl = 1h;
    }
    set beresp.http.xkey = beresp.http.Surrogate-Key;
    return (deliver);
}

sub vcl_backend_error {
    if (bereq.is_bgfetch) {
        return (abandon);
    }
}

# The index failed, just now: show the old page if there is one.
sub show_the_old_page {
    if (req.http.X-Warehouse-Kept && !req.http.X-Warehouse-Old) {
        set req.http.X-Warehouse-Old = "yes";
        set req.grace = 52w;
        return (restart);
    }
}

sub vcl_deliver {
    if (resp.status >= 500) {
        call show_the_old_page;
    }
    unset resp.http.Surrogate-Control;
    unset resp.http.Surrogate-Key;
    unset resp.http.xkey;
    unset resp.http.X-Warehouse-Stale;
    unset resp.http.X-Varnish;
    unset resp.http.Via;
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    } else {
        set resp.http.X-Cache = "MISS";
    }
    # A page that nobody has purged is as true now as when it was fetched. With its age clients would count the time it
    # lay here against their own max-age, and ask again at once.
    if (resp.status < 400 && req.http.X-Warehouse-Kept) {
        unset resp.http.Age;
        set resp.http.Date = now;
    }
}

sub vcl_synth {
    if (req.method == "PURGE") {
        if (req.http.Warehouse-Purged) {
            set resp.http.Warehouse-Purged = req.http.Warehouse-Purged;
        }
        set resp.http.Content-Type = "text/plain; charset=utf-8";
        set resp.body = resp.reason + {"
"};
        return (deliver);
    }
    call show_the_old_page;
    set resp.http.Content-Type = "text/plain; charset=utf-8";
    set resp.http.Retry-After = "5";
    set resp.http.Cache-Control = "no-store";
    set resp.body = resp.reason + {". Try again in a moment.
"};
    return (deliver);
}
