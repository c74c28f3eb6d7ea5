# Runs in `odoo shell` after the lines made from stack/seed.rs, which define USERS, PASSWORDS,
# ADMIN_KEY, EMPLOYEES, EVA, PRODUCTS, COMPANY and SECOND_COMPANY. Everything here is for a database on one machine only.
from odoo.addons.base.models.res_users import INDEX_SIZE, KEY_CRYPT_CONTEXT


def name_it(record, external_id):
    module, name = external_id.split('.')
    env['ir.model.data'].create({
        'module': module, 'name': name, 'model': record._name, 'res_id': record.id, 'noupdate': True,
    })


def give_key(user, key):
    env.cr.execute(
        'INSERT INTO res_users_apikeys (name, user_id, scope, expiration_date, key, index)'
        ' VALUES (%s, %s, NULL, NULL, %s, %s)',
        ['local', user.id, KEY_CRYPT_CONTEXT.hash(key), key[:INDEX_SIZE]])


company = env.ref('base.main_company')
company.name = COMPANY
assert company.currency_id.name == 'USD', company.currency_id.name

# Books in euros, with a tax of its own. Everybody works for the first company unless a call says
# otherwise.
quietly = env(context=dict(env.context, disable_company_pricelist_creation=True))
quietly.ref('base.EUR').active = True
second = quietly['res.company'].create({'name': SECOND_COMPANY})
assert second.id == 2, second.id
env['account.chart.template'].try_loading('generic_coa', company=second, install_demo=False)
# The chart of accounts brings dollars; a pricelist follows the currency that it finds.
second.currency_id = env.ref('base.EUR')
env['res.company']._activate_or_create_pricelists()
second_tax = env['account.tax'].search([('type_tax_use', '=', 'sale'), ('company_id', '=', second.id)], limit=1)
second_tax.write({'name': '21%', 'amount': 21})
both = [(6, 0, [company.id, second.id])]

users = env['res.users'].with_context(no_reset_password=True)
for login, name, groups, key in USERS:
    groups = [env.ref(group).id for group in groups.split()]
    user = users.create({'name': name, 'login': login, 'group_ids': [(6, 0, groups)], 'company_ids': both})
    give_key(user, key)
env.ref('base.user_admin').company_ids = both
give_key(env.ref('base.user_admin'), ADMIN_KEY)
for login, password in PASSWORDS:
    users.search([('login', '=', login)]).password = password

for external_id, name, hourly_cost in EMPLOYEES:
    name_it(env['hr.employee'].create({'name': name, 'hourly_cost': hourly_cost}), external_id)

eva, name, hourly_cost = EVA
name_it(env['hr.employee'].create({'name': name, 'hourly_cost': hourly_cost, 'company_id': second.id}), eva)

tax = env['account.tax'].search([
    ('type_tax_use', '=', 'sale'), ('amount', '=', 15), ('company_id', '=', company.id)], limit=1)
assert tax, 'the chart of accounts has no sale tax of 15 %'
for external_id, name, code, unit, policy in PRODUCTS:
    name_it(env['product.product'].create({
        'name': name, 'default_code': code, 'type': 'service', 'uom_id': env.ref(unit).id,
        'service_tracking': 'no', 'service_policy': policy,
        'taxes_id': [(6, 0, (tax + second_tax).ids)], 'supplier_taxes_id': [(5, 0, 0)], 'list_price': 0,
    }), external_id)

for product in env['product.product'].search([('default_code', '=like', 'SVC-%')]):
    print('tenon:', product.default_code, product.service_policy, product.service_tracking, product.uom_id.name)

# What the login page and the web client load is put together once, not at every world's first click.
pages = env['ir.qweb']
scripts = [
    'bus.websocket_worker_assets', 'web.assets_backend_lazy', 'web.assets_emoji',
    'web.assets_frontend_lazy', 'web.assets_frontend_minimal', 'web.assets_web',
]
styles = ['web.assets_backend_lazy', 'web.assets_frontend', 'web.assets_web', 'web.assets_web_print']
for bundle in scripts:
    pages._get_asset_bundle(bundle, css=False, js=True).js()
for bundle in styles:
    pages._get_asset_bundle(bundle, css=True, js=False).css()
env.cr.commit()
print('tenon: database is ready')
