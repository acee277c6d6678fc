-- The generic cell rate algorithm of gcra.py over all limits of one request; sent by redis_limiter.py.
-- KEYS: one per limit. ARGV: for each limit its interval in microseconds and its count; then, for tests only, the time.
-- Answers four numbers per limit: allowed, remaining, retry after, reset (both in microseconds).
-- A request takes from every limit or, when one refuses, from none.
local now
if ARGV[#KEYS * 2 + 1] then
  now = tonumber(ARGV[#KEYS * 2 + 1])
else
  local clock = redis.call('TIME')
  now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
end

local answer, arrivals, refused = {}, {}, 0
for i = 1, #KEYS do
  local interval, count = tonumber(ARGV[i * 2 - 1]), tonumber(ARGV[i * 2])
  local allowance = interval * count
  local arrival = math.max(tonumber(redis.call('GET', KEYS[i]) or now), now)
  local used_after = arrival + interval - now
  if used_after > allowance then
    refused = refused + 1
    arrivals[i] = false
    answer[i] = {0, 0, used_after - allowance, arrival - now}
  else
    arrivals[i] = arrival + interval
    answer[i] = {1, math.floor((allowance - used_after) / interval), 0, used_after}
  end
end

if refused == 0 then
  for i = 1, #KEYS do
    -- %.0f: a plain integer; Lua would write 1.7e+15 otherwise
    redis.call('SET', KEYS[i], string.format('%.0f', arrivals[i]), 'PX', math.ceil((arrivals[i] - now) / 1000) + 1)
  end
end
return answer
