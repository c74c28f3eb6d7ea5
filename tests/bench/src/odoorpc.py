# The same rows by OdooRPC, the Python client that most scripts for Odoo are written with.
import json
import sys
import time
from urllib.parse import urlparse

import odoorpc

work = json.load(open(sys.argv[1]))
url = urlparse(work['url'])
odoo = odoorpc.ODOO(url.hostname, port=url.port, timeout=120)
odoo.login(work['database'], work['login'], work['key'])
lines = odoo.env['account.analytic.line'].with_context(**work['context'])

lines.create(work['warm_up'])
began = time.monotonic()
for first in range(0, len(work['rows']), work['batch']):
    rows = work['rows'][first:first + work['batch']]
    lines.create(rows if work['batch'] > 1 else rows[0])
print(json.dumps({'milliseconds': round((time.monotonic() - began) * 1000)}))
