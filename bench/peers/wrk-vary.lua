-- One GET whose path varies, made anew each time, as loadgen and k6 make theirs.
local letters = { 'a', 'b', 'c', 'd' }
local sent = 0

function request()
  sent = sent + 1
  return wrk.format(nil, '/?' .. letters[sent % 4 + 1])
end
