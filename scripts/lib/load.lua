-- What two accounts ask of the daemon in scripts/trial/load. Arguments: a file of credentials, streams and a group for each
-- account, one account a line; each thread of wrk is one account.
local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

local accounts, made, turn = {}, {}, 0

function init(arguments)
    for line in io.lines(arguments[1]) do
        local authorization, group, streams = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
        local ids = {}
        for id in streams:gmatch("[^ ]+") do ids[#ids + 1] = id end
        accounts[#accounts + 1] = { authorization = authorization, group = group, ids = ids }
    end
    math.randomseed(number)
    account = accounts[number]
    headers = { ["Authorization"] = account.authorization }
    json = { ["Authorization"] = account.authorization, ["Content-Type"] = "application/json" }
end

local function any() return account.ids[math.random(#account.ids)] end

local reads = {
    function() return "/6/streams?page_size=10&page=" .. math.random(10) end,
    function() return "/6/streams?page_size=10&order=asc" end,
    function() return "/6/streams?names=camera-" .. math.random(100) .. ",camera-" .. math.random(100) end,
    function() return "/6/streams?statuses=failure&page_size=10" end,
    function() return "/6/streams?group_name=hall&page_size=10" end,
    function() return "/6/streams/count" end,
    function() return "/6/streams/count?statuses=failure" end,
    function() return "/6/streams/logs?page_size=10&stream_ids=" .. any() end,
    function() return "/6/streams/" .. any() end,
    function() return "/6/streams/" .. any() end,
    function() return "/6/groups" end,
    function() return "/6/account" end,
}
-- A stream that is registered is deleted again, so that their number stays.
local stream = '{"name":"passing","data":{"type":"videofile","reference":"absent.mp4"},"analytics":[{"analytic_name":"example_analytic"}]}'

function request()
    turn = turn + 1
    if turn % 20 == 0 then
        if #made > 0 then return wrk.format("DELETE", "/6/streams/" .. table.remove(made), headers) end
        return wrk.format("POST", "/6/streams", json, stream)
    elseif turn % 20 == 7 then
        local link = '{"action":"%s","stream_ids":["%s"],"group_id":"%s"}'
        return wrk.format("PATCH", "/6/linker", json, link:format(turn % 40 == 7 and "attach" or "detach", any(), account.group))
    elseif turn % 20 == 14 then
        return wrk.format("PATCH", "/6/groups/" .. account.group, json, '{"description":"' .. turn .. '"}')
    end
    return wrk.format("GET", reads[math.random(#reads)](), headers)
end

function response(status, _, body)
    if status == 201 then made[#made + 1] = body:match('"stream_id":"([^"]+)"') end
end
