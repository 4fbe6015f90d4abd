"""What a snapshot changes in one step with the records of what dropped, as scripts that Redis runs (Lua 5.1)."""

# Plans the jobs that tell our own webhook, and people, of an account, in the same step as the change; `telling` says
# whether the webhook is on. A job's id is an event as bot/events/model.py reads it.
TELL = """
local telling, told = cjson.decode(ARGV[#ARGV]), 0
local function plan(job, due)
  redis.call('ZADD', KEYS[3], due, job)
  if KEYS[4] then redis.call('ZADD', KEYS[4], 'LT', due, string.match(KEYS[3], '{(.*)}')) end
end
local function tell(kind, network, moment)
  if not telling.id then return end
  told = told + 1
  local event = {telling.job, telling.id .. told, kind, ARGV[1], network, string.format('%.0f', moment * 1000)}
  plan(table.concat(event, ':'), telling.due)
end
"""

# Of two refreshes at once, the snapshot of the one that began later stays, whichever ends first. What the stored one
# has and the new one lacks has dropped, and so has what needs a new sign-in now; what else the new one has is back,
# unless it was noted after that look had begun. What is back and was hidden was taken off by its own people, and is
# connected rather than reconnected. What was about to expire and no longer is was reconnected. A stale profile showed
# no accounts: what it has later is no news. What dropped or is back plans the job that tells its people.
SAVE_SNAPSHOT = (
    TELL
    + """
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local before, at = stored and cjson.decode(string.match(stored, '|(.*)')), tonumber(ARGV[2])
if before and before.at > at then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
local function shown(record)
  return string.match(record, '^(.*)|') .. cjson.encode(cjson.decode(string.match(record, '|(.*)')).accounts)
end
local changed = (not stored or shown(stored) ~= shown(ARGV[3])) and 1 or 0
if ARGV[4] == '' then return changed end
local current, known, noted = cjson.decode(ARGV[4]), {}, {}
local dropped = cjson.decode(redis.call('HGET', KEYS[2], ARGV[1]) or '{}')
for network, one in pairs(dropped) do noted[network] = one.hidden and 'hidden' or 'shown' end
for network, one in pairs(cjson.decode(ARGV[5])) do
  if not dropped[network] then
    dropped[network], changed = one, 1
    tell('account.dropped', network, one.since)
  end
end
for _, account in ipairs(before and before.accounts or {}) do
  local network, name = account[1], account[2]
  known[network] = account[4] and 'expires' or known[network] or 'in order'
  if not dropped[network] then
    dropped[network] = {since = at, name = name ~= cjson.null and name or '', reason = ''}
    if current[network] == nil then tell('account.dropped', network, at) end
  end
end
for network, in_order in pairs(current) do
  local back = dropped[network] and dropped[network].since <= at + 0.001
  if back and noted[network] then
    tell(noted[network] == 'shown' and 'account.reconnected' or 'account.connected', network, at)
  elseif before and string.match(stored, '^(.*)|') ~= 'stale' and not known[network] and not noted[network] then
    tell('account.connected', network, at)
  elseif in_order and known[network] == 'expires' and not noted[network] then
    tell('account.reconnected', network, at)
  end
  if back then dropped[network], changed = nil, 1 end
end
local seen = false
for network in pairs(dropped) do seen = seen or not noted[network] end
for network, how in pairs(noted) do seen = seen or (how == 'shown' and not dropped[network]) end
if seen then plan(telling.seen, telling.seen_due) end
if next(dropped) then
  redis.call('HSET', KEYS[2], ARGV[1], cjson.encode(dropped))
else
  redis.call('HDEL', KEYS[2], ARGV[1])
end
return changed
"""
)

# Notes an account that dropped, unless a snapshot of a minute later has it: Ayrshare sends events again for hours. The
# name and the moment of an earlier note stay, and its reason if there is no new one.
NOTE_DROPPED = (
    TELL
    + """
local stored = redis.call('HGET', KEYS[2], ARGV[1])
local seen = stored and cjson.decode(string.match(stored, '|(.*)')) or {at = 0}
for _, account in ipairs(seen.at > cjson.decode(ARGV[3]).since + 60 and seen.accounts or {}) do
  if account[1] == ARGV[2] then return 0 end
end
local dropped = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '{}')
local noted, new = dropped[ARGV[2]], cjson.decode(ARGV[3])
if noted and not noted.hidden then
  noted.reason = new.reason ~= '' and new.reason or noted.reason
  if noted.name == '' then noted.name = new.name end
  noted.undone = new.undone or noted.undone
else
  dropped[ARGV[2]] = new
  if not new.undone then tell('account.dropped', ARGV[2], new.since) end
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(dropped))
return told
"""
)

# Hides accounts that dropped; a network that isn't noted yet is hidden as well, when the next refresh misses it. What
# was undone is hidden by an admin only, with an audit row.
HIDE_DROPPED = """
local dropped, hidden = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '{}'), 0
local noted = dropped[ARGV[2]]
if noted and (noted.hidden or (noted.undone and ARGV[4] == '')) then return 0 end
dropped[ARGV[2]] = {since = tonumber(ARGV[3]), name = '', reason = '', hidden = true, by = ARGV[4]}
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(dropped))
if ARGV[4] ~= '' then redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', unpack(ARGV, 6)) end
return 1
"""
