"""What the job queue does in Redis in one step each, in Lua; queue.py says what lies under which key."""

# Returns the jobs leased with their moments, the jobs that got a slot at `chat.update`, the jobs set aside, the moments
# of the jobs that were leased or began to wait for a slot, and when the workspace has more to do. Only as many jobs are
# leased as there are free coroutines: one that waits for a coroutine after its lease would be done twice. A score with
# half a millisecond is the end of a lease.
LEASE_SCRIPT = """
local jobs, updates, updating, slots, paused, failures, aside = unpack(KEYS)
local now, lease, ranks, weight = tonumber(ARGV[1]), ARGV[2], cjson.decode(ARGV[3]), tonumber(ARGV[6])
local free, minute, pauses = tonumber(ARGV[4]), tonumber(ARGV[8]), cjson.decode(ARGV[9])
local leased, with_slot, set_aside, unranked, came_due, next_due = {}, {}, {}, {}, {}, nil

local function look_again(at)
  if at and (not next_due or tonumber(at) < next_due) then next_due = tonumber(at) end
end
-- Returns when to do a job again whose process died, or nothing where it is set aside.
local function again_at(job)
  local times = redis.call('HINCRBY', failures, job, 1)
  redis.call('PEXPIRE', failures, ARGV[13])
  if times <= tonumber(ARGV[14]) then return now end
  if times <= #pauses then return now + pauses[times] end
  redis.call('HDEL', failures, job)
  redis.call('ZREM', jobs, job)
  redis.call('ZADD', aside, now, job)
  table.insert(set_aside, job)
end

for _, lost in ipairs(redis.call('ZRANGEBYSCORE', updating, '-inf', now)) do
  redis.call('ZREM', updating, lost)
  local at = again_at(lost)
  if at then redis.call('ZADD', jobs, 'LT', at, lost) end
end
local due = redis.call('ZRANGEBYSCORE', jobs, '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[5])
for i = 1, #due, 2 do
  local rank = ranks[string.match(due[i], '^[^:]*')]
  if rank then
    redis.call('ZREM', jobs, due[i])
    redis.call('ZADD', updates, 'LT', rank * weight + tonumber(due[i + 1]), due[i])
    table.insert(came_due, due[i + 1])
  else
    table.insert(unranked, {due[i], due[i + 1]})
  end
end

-- A job that is updating is skipped: its next update waits until this one has ended.
local function first_waiting()
  for _, job in ipairs(redis.call('ZRANGE', updates, 0, 99)) do
    if not redis.call('ZSCORE', updating, job) then return job, tonumber(redis.call('ZSCORE', updates, job)) end
  end
end
redis.call('ZREMRANGEBYSCORE', slots, '-inf', now - minute)
while free > 0 and redis.call('ZCARD', updating) < tonumber(ARGV[7]) do
  local job, score = first_waiting()
  if not job then break end
  local limit = score < weight and tonumber(ARGV[10]) or tonumber(ARGV[11])
  local used, paused_until = redis.call('ZCARD', slots), tonumber(redis.call('GET', paused) or 0)
  if paused_until > now then look_again(paused_until) break end
  if used >= limit then
    look_again(math.max(now + 1, redis.call('ZRANGE', slots, -limit, -limit, 'WITHSCORES')[2] + minute))
    break
  end
  redis.call('ZADD', slots, now, ARGV[12] .. used)
  redis.call('PEXPIRE', slots, minute)
  redis.call('ZREM', updates, job)
  redis.call('ZADD', updating, lease, job)
  free = free - 1
  table.insert(with_slot, {job, string.format('%.1f', score % weight)})
end
if free <= 0 and redis.call('ZCARD', updates) > 0 then look_again(now) end

for _, one in ipairs(unranked) do
  local at = free > 0 and (tonumber(one[2]) % 1 == 0 and now or again_at(one[1]))
  if at and at > now then
    redis.call('ZADD', jobs, at, one[1])
  elseif at then
    redis.call('ZADD', jobs, lease, one[1])
    free = free - 1
    table.insert(leased, one)
    table.insert(came_due, one[2])
  end
end
look_again(redis.call('ZRANGE', jobs, 0, 0, 'WITHSCORES')[2])
look_again(redis.call('ZRANGE', updating, 0, 0, 'WITHSCORES')[2])
return {leased, with_slot, set_aside, came_due, next_due and string.format('%.1f', next_due) or false}
"""

# Removes a job unless it was planned again while it ran, whether or not that was leased meanwhile.
COMPLETE_SCRIPT = """
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
if ARGV[3] == '1' then
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('HDEL', KEYS[3], ARGV[1])
end
"""

RENEW_SCRIPT = """
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
"""

HAND_BACK_SCRIPT = """
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('ZADD', KEYS[2], 'LT', ARGV[3], ARGV[1])
end
"""
