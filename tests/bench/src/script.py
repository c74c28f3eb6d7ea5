# What people write without a tool: Odoo's JSON-2 API called from Python's standard library, one `create`
# per row or with many rows in one. It has no external ids: run twice, it posts everything twice.
import json
import sys
import time
import urllib.request

work = json.load(open(sys.argv[1]))


def create(rows):
    request = urllib.request.Request(
        work['url'] + '/json/2/account.analytic.line/create',
        data=json.dumps({'vals_list': rows, 'context': work['context']}).encode(),
        headers={'Authorization': 'bearer ' + work['key'], 'Content-Type': 'application/json',
                 'X-Odoo-Database': work['database']})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


create(work['warm_up'])
began = time.monotonic()
for first in range(0, len(work['rows']), work['batch']):
    create(work['rows'][first:first + work['batch']])
print(json.dumps({'milliseconds': round((time.monotonic() - began) * 1000)}))
