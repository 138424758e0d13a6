"""The tables of the operational database, one file for each of what they are about. `governance.store` opens it."""

from governance.tables.access import alerts as alerts
from governance.tables.access import grants as grants
from governance.tables.accounts import accounts as accounts
from governance.tables.approvals import approvals as approvals
from governance.tables.approvals import data_owners as data_owners
from governance.tables.approvals import population_lists as population_lists
from governance.tables.cases import case_steps as case_steps
from governance.tables.findings import outcomes as outcomes
from governance.tables.findings import reviews as reviews
from governance.tables.findings import subject_requests as subject_requests
from governance.tables.jobs import job_stages as job_stages
from governance.tables.jobs import jobs as jobs
from governance.tables.log import log_entries as log_entries
from governance.tables.log import log_head as log_head
from governance.tables.metadata import ADDED_COLUMNS as ADDED_COLUMNS
from governance.tables.metadata import metadata as metadata
from governance.tables.sign_in import access_tokens as access_tokens
from governance.tables.sign_in import failed_sign_ins as failed_sign_ins
from governance.tables.sign_in import known_browsers as known_browsers
from governance.tables.sign_in import second_factors as second_factors
from governance.tables.sign_in import sessions as sessions
from governance.tables.sign_in import sign_in_tries as sign_in_tries
from governance.tables.sign_in import spent_codes as spent_codes
from governance.tables.statistics import releases as releases
from governance.tables.statistics import score_models as score_models
