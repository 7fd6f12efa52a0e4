@echo off
rem Every test but those of category Slow.
cd /d "%~dp0"
dotnet test AlexNetMl.sln --filter TestCategory!=Slow %*
