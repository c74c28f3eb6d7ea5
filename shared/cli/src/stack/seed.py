# Runs in `odoo shell` after the lines made from stack/seed.rs, which define USERS, PASSWORDS,
# ADMIN_KEY, EMPLOYEES, PRODUCTS and COMPANY. Everything here is for a database on one machine only.
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

users = env['res.users'].with_context(no_reset_password=True)
for login, name, groups, key in USERS:
    groups = [env.ref(group).id for group in groups.split()]
    give_key(users.create({'name': name, 'login': login, 'group_ids': [(6, 0, groups)]}), key)
give_key(env.ref('base.user_admin'), ADMIN_KEY)
for login, password in PASSWORDS:
    users.search([('login', '=', login)]).password = password

for external_id, name, hourly_cost in EMPLOYEES:
    name_it(env['hr.employee'].create({'name': name, 'hourly_cost': hourly_cost}), external_id)

tax = env['account.tax'].search([
    ('type_tax_use', '=', 'sale'), ('amount', '=', 15), ('company_id', '=', company.id)], limit=1)
assert tax, 'the chart of accounts has no sale tax of 15 %'
for external_id, name, code, unit, policy in PRODUCTS:
    name_it(env['product.product'].create({
        'name': name, 'default_code': code, 'type': 'service', 'uom_id': env.ref(unit).id,
        'service_tracking': 'no', 'service_policy': policy, 'invoice_policy': 'delivery',
        'taxes_id': [(6, 0, tax.ids)], 'supplier_taxes_id': [(5, 0, 0)], 'list_price': 0,
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
