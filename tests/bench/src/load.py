# Runs in `odoo shell` after lines that define INPUT, OUTPUT, LOGIN, CONTEXT and BATCH.
# The reference: Odoo's own `load`, called inside Odoo, with the rows and batches that our function sends.
import json
import time

work = json.load(open(INPUT))
user = env['res.users'].search([('login', '=', LOGIN)])
lines = env(user=user.id, context=CONTEXT)['account.analytic.line']


def load(rows):
    answer = lines.load(work['fields'], rows)
    assert answer['ids'], answer['messages']
    env.cr.commit()


load(work['warm_up'])
began = time.monotonic()
for first in range(0, len(work['rows']), BATCH):
    load(work['rows'][first:first + BATCH])
took = time.monotonic() - began
with open(OUTPUT, 'w') as out:
    json.dump({'milliseconds': round(took * 1000)}, out)
